"""What the API takes and gives. The only place where field names are promises to clients."""
