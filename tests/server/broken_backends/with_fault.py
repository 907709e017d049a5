{}["no such key"]
