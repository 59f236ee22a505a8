# toonify-gan-light: converts a mounted folder, on the CPU, as a user without privileges.
#
#     docker build -t toonify .
#     docker run --rm --network none --user "$(id -u):$(id -g)" -v "$PWD:/pictures" toonify convert photos cartoons
FROM python:3.12-slim AS build
COPY . /checkout
RUN python -m venv /toonify \
 && /toonify/bin/pip install --no-cache-dir --require-hashes --requirement /checkout/requirements/light.txt \
 && /toonify/bin/pip install --no-cache-dir --no-deps /checkout/packaging \
 && /toonify/bin/pip uninstall --yes pip

FROM python:3.12-slim
COPY --from=build /toonify /toonify
USER 65534:65534
WORKDIR /pictures
ENTRYPOINT ["/toonify/bin/toonify"]
CMD ["--help"]
