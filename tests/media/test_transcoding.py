"""Sounds and subtitles in every container: copied, coded anew or left out, but never at the film's cost."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest
from films import RATE, packets, scene

from toonify.media import CONTAINERS, FilmSettings, redrawing
from toonify.media.films.transcoding import transcoder, ways_to_transcode

DATA = Path(__file__).parents[1] / "data"
SUFFIXES = (".mp4", ".mov", ".mkv", ".webm", ".avi")
SOUNDS = {
    ".mkv": "aac ac3 eac3 mp2 libmp3lame libopus vorbis flac alac wavpack "
    "pcm_s16le pcm_s16be pcm_s24le pcm_f32le",
    ".mov": "pcm_mulaw pcm_alaw pcm_s8 adpcm_ima_qt"
    + (" libopencore_amrnb" if "libopencore_amrnb" in av.codecs_available else ""),  # not in PyAV 19
    ".avi": "adpcm_ima_wav adpcm_ms wmav2",
    ".flv": "nellymoser",
}
"""FFmpeg's names of their encoders, by the container of the film that has one of each."""

BEGIN, END = 0.2, 0.3  # of a tone, in seconds


def film(
    path: Path,
    sounds: str = "",
    layout: str = "stereo",
    rate: int = 48000,
    subtitles: str = "",
    truehd: bool = False,
) -> Path:
    """Half a second, with a sound of each codec, in which there is a tone; a subtitle; some TrueHD."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("flv" if path.suffix == ".flv" else "mpeg4", rate=RATE)
        stream.height, stream.width, stream.pix_fmt = 48, 64, "yuv420p"
        coded = [part for codec in sounds.split() for part in sound(container, codec, layout, rate)]
        coded += lines(container, subtitles) if subtitles else []
        coded += copied(container, DATA / "truehd.mka") if truehd else []
        for picture in scene("sounds", RATE // 2):
            coded += stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(picture)))
        coded += stream.encode()
        container.start_encoding()
        for packet in sorted(coded, key=lambda packet: packet.dts * packet.time_base):
            container.mux(packet)
    return path


def sound(container, codec: str, layout: str, rate: int) -> list[av.Packet]:
    rate, layout = {
        "libopencore_amrnb": (8000, "mono"),
        "nellymoser": (44100, "mono"),
        "adpcm_ima_wav": (44100, layout),
    }.get(codec, (rate, layout))
    stream = container.add_stream(codec, rate=rate, layout=layout, options={"strict": "-2"})
    stream.bit_rate = 12_200 if codec == "libopencore_amrnb" else 192_000
    times = np.arange(rate // 2) / rate
    tone = np.where((times >= BEGIN) & (times < END), 12_000 * np.sin(2 * np.pi * 800 * times), 0)
    channels = av.AudioLayout(layout).nb_channels
    frame = av.AudioFrame.from_ndarray(np.repeat(tone.astype(np.int16), channels)[None], "s16", layout)
    frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
    encoder = stream.codec_context
    encoder.open(strict=False)
    resampler = av.AudioResampler(encoder.format, layout, rate, encoder.frame_size or 960)
    parts = [*resampler.resample(frame), *resampler.resample(None)]
    return [packet for part in (*parts, None) for packet in stream.encode(part)]


def copied(container, path: Path) -> list[av.Packet]:
    with av.open(str(path)) as source:
        stream = container.add_stream_from_template(source.streams[0])
        found = [packet for packet in source.demux() if packet.size]
    for packet in found:
        packet.stream = stream
    return found


SAID = {
    "subrip": b"Hello <i>there</i>",
    "ass": b"0,0,Default,,0,0,0,,Hello {\\i1}there{\\i0}",
    "mov_text": b"\0\x0bHello there",
}


def lines(container, codec: str) -> list[av.Packet]:
    """From 0.1 to 0.3 seconds; of pictures, nonsense."""
    if codec == "ass":
        stream, plain = container.add_stream("ass"), av.CodecContext.create("subrip", "r")
        plain.open()
        stream.codec_context.subtitle_header = plain.subtitle_header
    else:
        stream = container.add_mux_stream(codec, time_base=Fraction(1, 1000))
    packet = av.Packet(SAID.get(codec, SAID["subrip"]))
    packet.stream, packet.time_base = stream, Fraction(1, 1000)
    packet.pts = packet.dts = 100
    packet.duration = 200
    return [packet]


def redrawn(source: Path, suffix: str, **settings) -> tuple[Path, list[str]]:
    """The film as it is written, undrawn; and what is told of it."""
    target, folder = Path(f"new{suffix}"), Path(f"pieces{suffix}")
    folder.mkdir()
    with redrawing(source, CONTAINERS[suffix], FilmSettings(**settings), folder) as redrawn:
        for frame in redrawn.frames():
            redrawn.write(redrawn.coded(frame, np.asarray(frame.picture())))
        redrawn.assemble(target)
        assert redrawn.fault == ""
        return target, redrawn.notes


def heard(path: Path) -> list[tuple[float, float, int]]:
    """For each sound: when the tone begins and how loud it is, of 1, and how many channels there are."""
    with av.open(str(path)) as container:
        count = len(container.streams.audio)
    found = []
    for number in range(count):
        with av.open(str(path)) as container:
            frames = list(container.decode(audio=number))
        layout, rate = frames[0].layout, frames[0].sample_rate
        resampler = av.AudioResampler("flt", layout, rate)  # eight planes are too many for `to_ndarray`
        parts = [part.to_ndarray() for frame in frames for part in resampler.resample(frame)]
        samples = np.concatenate(parts, axis=1).reshape(-1, layout.nb_channels).T
        begin = np.argmax(np.abs(samples[0]) > 0.1) / rate + float(frames[0].time or 0)
        loud = np.sqrt((samples[0] ** 2).mean() * samples.shape[1] / rate / (END - BEGIN) * 2)
        found.append((begin, float(loud), len(samples)))
    return found


@pytest.mark.parametrize("kind", SOUNDS)
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_sound_is_heard_when_it_was(kind, suffix, tmp_path):
    source = film(tmp_path / f"a{kind}", SOUNDS[kind])
    target, notes = redrawn(source, suffix)
    before, after = heard(source), heard(target)
    assert len(after) == len(before) == len(SOUNDS[kind].split())
    for (begin, loud, channels), (now, how_loud, how_many), codec in zip(
        before, after, SOUNDS[kind].split(), strict=True
    ):
        assert now == pytest.approx(begin, abs=0.025), codec  # AVI plays what precedes the first sound
        assert how_loud == pytest.approx(loud, rel=0.1), codec
        assert how_many == channels
    why = "cannot be copied into", "most players cannot play it in"
    assert all(any(f"{each} {CONTAINERS[suffix].name}" in note for each in why) for note in notes)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_of_a_part_every_sound_begins_with_its_pictures(suffix, tmp_path):
    source = film(tmp_path / "a.mkv", "alac flac aac")
    target, _ = redrawn(source, suffix, start=0.08)
    begins = [begin for begin, *_ in heard(target)]
    assert begins == pytest.approx([BEGIN - 0.08] * 3, abs=0.035)  # a packet of AAC, and AVI's beginning


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_truehd_costs_no_film(suffix, tmp_path):
    source = film(tmp_path / "a.mkv", truehd=True)
    target, notes = redrawn(source, suffix)
    name = CONTAINERS[suffix].name
    told = {".mp4": "AAC", ".mov": "ALAC", ".webm": "Opus", ".avi": "PCM"}
    assert notes == [
        f"1 sound stream (truehd) coded anew as {told[suffix]}: it cannot be copied into {name}"
        for _ in range(suffix in told)
    ]
    with av.open(str(target)) as container:
        assert sum(frame.samples for frame in container.decode(audio=0)) >= 960
    if suffix == ".mkv":
        assert packets(target, "audio") == packets(source, "audio")


@pytest.mark.parametrize(
    "layout", ["mono", "2.1", "quad", "4.0", "5.0", "5.1", "5.1(side)", "6.1", "7.0", "7.1"]
)
@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".webm", ".avi"])
def test_no_loudspeaker_is_lost(suffix, layout, tmp_path):
    source = film(tmp_path / "a.mkv", "wavpack", layout)
    ((_, _, before),), ((_, _, after),) = heard(source), heard(redrawn(source, suffix)[0])
    assert after == before == av.AudioLayout(layout).nb_channels


def test_several_sounds_of_a_kind_are_told_in_one_line_by_the_name_of_their_codec(tmp_path):
    source = film(tmp_path / "a.mkv", "libmp3lame libmp3lame aac")
    assert redrawn(source, ".webm")[1] == [
        "2 sound streams (mp3) coded anew as Opus: it cannot be copied into WebM",
        "1 sound stream (aac) coded anew as Opus: it cannot be copied into WebM",
    ]


def test_pcm_becomes_what_players_know_in_mp4(tmp_path):
    source = film(tmp_path / "a.mov", "pcm_s24be")
    target, notes = redrawn(source, ".mp4")
    with av.open(str(target)) as container:
        assert container.streams.audio[0].codec_context.name == "aac"
    told = "1 sound stream (pcm_s24be) coded anew as AAC: most players cannot play it in MP4"
    assert notes == [told]


@pytest.mark.parametrize(
    ("codec", "pause"), [("pcm_s16le", 0), ("flac", 0), ("libmp3lame", 0), ("libmp3lame", 4)]
)
def test_a_late_sound_is_late_in_avi_too(codec, pause, tmp_path):
    """Which has no times: its packets follow each other. With a pause after so many, or before all."""
    with av.open(str(tmp_path / "a.mkv"), "w") as container:
        stream = container.add_stream("mpeg4", rate=RATE)
        stream.height, stream.width, stream.pix_fmt = 48, 64, "yuv420p"
        tone = sound(container, codec, "stereo", 48000)
        for packet in tone[pause:]:
            packet.pts = packet.dts = packet.pts + round(Fraction(1, 2) / packet.time_base)
        pictures = (np.ascontiguousarray(picture) for picture in scene("sounds", 2 * RATE))
        frames = (*map(av.VideoFrame.from_ndarray, pictures), None)
        coded = [packet for frame in frames for packet in stream.encode(frame)]
        container.start_encoding()
        for packet in sorted(coded + tone, key=lambda packet: packet.dts * packet.time_base):
            container.mux(packet)
    target, notes = redrawn(tmp_path / "a.mkv", ".avi")
    ((begin, *_),) = heard(target)
    assert begin == pytest.approx(0.5 + BEGIN, abs=0.03)
    assert codec == "flac" or "begins late or pauses, which AVI cannot say" in notes[0]


class Listener:
    """In place of an encoder for AVI: frames' lengths in samples, and when a sound is first heard."""

    container = SimpleNamespace(format=SimpleNamespace(name="avi"))

    def __init__(self) -> None:
        self.lengths: list[int] = []
        self.heard_at: float | None = None

    def encode(self, frame: av.AudioFrame | None = None) -> list[av.Packet]:
        if frame is not None:
            loud = np.abs(frame.to_ndarray().astype(float)).reshape(frame.samples, -1).max(axis=1) > 100
            if self.heard_at is None and loud.any():
                self.heard_at = (sum(self.lengths) + int(np.argmax(loud))) / frame.sample_rate
            self.lengths.append(frame.samples)
        return []


@pytest.mark.parametrize(("late", "damaged"), [(60, False), (1.7, False), (2 * 24 * 3600, True)])
def test_long_silence_is_never_in_memory_as_a_whole_and_days_of_it_are_damage(late, damaged, tmp_path):
    with av.open(str(film(tmp_path / "a.mkv", "pcm_s16le"))) as container:
        stream, listener = container.streams.audio[0], Listener()
        anew = transcoder(stream, listener, Fraction(0))
        for packet in container.demux(stream):
            if packet.size:
                packet.pts = packet.dts = packet.pts + round(late / packet.time_base)
                list(anew.packets(packet))
        list(anew.rest())
    assert (anew.damaged > 0) == damaged
    assert max(listener.lengths, default=0) <= 48000 * 1.1
    if not damaged:
        assert listener.heard_at == pytest.approx(late + BEGIN, abs=0.002)
        assert sum(listener.lengths) == pytest.approx((late + 0.5) * 48000, abs=50)


def test_a_rate_that_is_not_held_becomes_the_next(tmp_path):
    source = film(tmp_path / "a.mkv", "wavpack", rate=192_000)
    rates = {}
    for suffix in (".mp4", ".mov", ".webm"):
        with av.open(str(redrawn(source, suffix)[0])) as container:
            rates[suffix] = container.streams.audio[0].sample_rate
    assert rates == {".mp4": 96_000, ".mov": 192_000, ".webm": 48_000}


def test_what_has_twenty_four_bits_keeps_them(tmp_path):
    source = film(tmp_path / "a.mkv", "flac pcm_s24le")
    target, _ = redrawn(source, ".mov")
    with av.open(str(target)) as container:
        formats = [stream.codec_context.format.name for stream in container.streams.audio]
    assert formats == ["s16p", "s32"]  # the second is copied
    with av.open(str(source)) as container:
        deep = container.streams.audio[1]
        assert [way.args[1]["format"] for way, _ in ways_to_transcode(deep, CONTAINERS[".mov"])] == [
            "s32p"
        ] * 2


def test_more_loudspeakers_than_anything_codes_are_left_out(tmp_path):
    source = film(tmp_path / "a.mkv", "aac pcm_s16le", "stereo")
    many = film(tmp_path / "b.mkv", "pcm_s16le", "hexadecagonal")
    assert redrawn(source, ".mkv")[1] == []
    target, notes = redrawn(many, ".webm")
    assert notes == ["1 sound stream (pcm_s16le) left out: WebM cannot hold it"]
    assert heard(target) == []


TEXTS = {
    (".mp4", ".mov"): ("mov_text", "timed text"),
    (".mkv",): ("srt", "SubRip"),
    (".webm",): ("webvtt", "WebVTT"),
}


@pytest.mark.parametrize("codec", ["subrip", "ass", "webvtt", "mov_text"])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_subtitle_is_read_when_it_was(suffix, codec, tmp_path):
    source = film(tmp_path / ("a.mp4" if codec == "mov_text" else "a.mkv"), subtitles=codec)
    target, notes = redrawn(source, suffix)
    if suffix == ".avi":
        assert ["left out: AVI cannot hold it" in note for note in notes] == [True]
        return
    with av.open(str(target)) as container:
        stream = container.streams.subtitles[0]
        shown = [packet for packet in container.demux(stream) if len(bytes(packet).strip(b"\0"))]
        (packet,) = shown
        assert float(packet.pts * packet.time_base) == pytest.approx(0.1)
        assert float(packet.duration * packet.time_base) == pytest.approx(0.2)
        written, name = next(told for suffixes, told in TEXTS.items() if suffix in suffixes)
        if notes:
            assert f"coded anew as {name}: it cannot be copied" in notes[0]
            assert stream.codec_context.name == written
            assert bytes(packet).startswith(b"\0\x0bHello there" if written == "mov_text" else b"Hello")
            if codec != "mov_text":  # in which it is upright
                assert (b"<i>" in bytes(packet)) == (written != "mov_text")
        else:
            assert bytes(packet) == SAID.get(codec, SAID["subrip"])


@pytest.mark.parametrize(
    ("suffix", "held"), [(".mp4", True), (".mkv", True), (".mov", False), (".webm", False)]
)
def test_subtitles_that_are_pictures_are_copied_or_left_out(suffix, held, tmp_path):
    source = film(tmp_path / "a.mkv", subtitles="dvd_subtitle")
    target, notes = redrawn(source, suffix)
    with av.open(str(target)) as container:
        assert len(container.streams.subtitles) == held
    assert notes == (
        []
        if held
        else [f"1 subtitle stream (dvd_subtitle) left out: {CONTAINERS[suffix].name} cannot hold it"]
    )


def test_of_a_part_the_subtitle_comes_when_it_did(tmp_path):
    source = film(tmp_path / "a.mkv", "aac", subtitles="subrip")
    target, _ = redrawn(source, ".mp4", start=0.08)
    (time, data) = next(each for each in packets(target, "subtitle") if each[1].strip(b"\0"))
    assert time == pytest.approx(0.02) and data.startswith(b"\0\x0bHello there")


def test_of_a_part_the_subtitle_ends_with_it(tmp_path):
    target, _ = redrawn(film(tmp_path / "a.mkv", subtitles="subrip"), ".mkv", end=0.16)
    with av.open(str(target)) as container:
        (packet,) = (packet for packet in container.demux(subtitles=0) if packet.size)
        assert packet.duration * packet.time_base == pytest.approx(0.06, abs=2e-3)


def test_a_stream_that_nothing_decodes_is_told(tmp_path):
    source = film(tmp_path / "a.mp4", subtitles="ttml")
    assert redrawn(source, ".mkv")[1] == ["1 subtitle stream left out: coded in a way that is not known here"]


@pytest.mark.parametrize(("suffix", "held"), [(".mkv", True), (".mp4", False), (".webm", False)])
def test_fonts_are_kept_where_there_is_a_place_for_them(suffix, held, tmp_path):
    with av.open(str(tmp_path / "a.mkv"), "w") as container:
        stream = container.add_stream("mpeg4", rate=RATE)
        stream.height, stream.width, stream.pix_fmt = 48, 64, "yuv420p"
        container.add_attachment("a.ttf", "font/ttf", b"a font")
        picture = np.ascontiguousarray(scene("font", 1)[0])
        for frame in (av.VideoFrame.from_ndarray(picture), None):
            container.mux(stream.encode(frame))
    target, notes = redrawn(tmp_path / "a.mkv", suffix)
    with av.open(str(target)) as container:
        assert [stream.type for stream in container.streams] == ["video", *["attachment"] * held]
    assert notes == ([] if held else [f"1 attachment left out: {CONTAINERS[suffix].name} cannot hold it"])
