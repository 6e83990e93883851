queue-title = 事件队列
