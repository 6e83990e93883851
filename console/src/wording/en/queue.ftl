queue-title = Queue
