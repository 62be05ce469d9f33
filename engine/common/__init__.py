"""The ground floor, which knows nothing of architectures: errors, progress, files, JSON texts, devices, the version."""
