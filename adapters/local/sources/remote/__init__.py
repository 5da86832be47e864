"""Folders on another machine, reached over SFTP with its host key pinned: read and written like local ones."""
