"""What `styles.py` measures; each definition stands beside its function, with its source."""
