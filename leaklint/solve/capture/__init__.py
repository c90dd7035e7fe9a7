"""What a closure, an exception, a static field or a wrapper keeps."""
