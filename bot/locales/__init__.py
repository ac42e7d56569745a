"""Every sentence a person reads, a file per language."""
