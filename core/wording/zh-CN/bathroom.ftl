bathroom-long-silent = 在卫生间已停留 { NUMBER($minutes, maximumFractionDigits: 0) } 分钟；卫生间内已有 { NUMBER($still_minutes, maximumFractionDigits: 0) } 分钟没有动静，家中其他地方也没有
bathroom-long-moving = 在卫生间已停留 { NUMBER($minutes, maximumFractionDigits: 0) } 分钟；里面仍有动静，最近一次在 { NUMBER($still_minutes, maximumFractionDigits: 0) } 分钟前
bathroom-long-often = { NUMBER($minutes, maximumFractionDigits: 0) } 分钟前进入卫生间，此后家中各处均无动静；此户近期有过类似情况，当时并无大碍
bathroom-long-or-out = { NUMBER($minutes, maximumFractionDigits: 0) } 分钟前进入卫生间，此后家中各处均无动静；此户没有能察觉外出的门磁
bathroom-left = 已离开卫生间
