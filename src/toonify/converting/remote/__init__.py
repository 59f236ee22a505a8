"""Pictures that lie elsewhere, or are drawn elsewhere: from place to place, one by one, as they are listed.

Nothing is known of all of them at once, for there may be a hundred million.
"""
