"""The version of the engine, the same as the collection's."""

VERSION = "0.1.0"
