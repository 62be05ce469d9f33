"""Many architectures or many searches at once: seeds, atlas, evidence."""
