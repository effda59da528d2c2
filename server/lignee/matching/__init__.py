"""The labels of a release as an index: what may be meant by a name."""
