"""Where files are kept, and who looks through them: a folder, a bucket, ClamAV."""
