"""What devices put on the wire, one file a format, written from the standards and not from Kanhu's own codecs."""
