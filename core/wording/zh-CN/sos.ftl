sos-pressed = 呼救：SOS 按钮被按下
sos-pressed-late = 延迟到达的呼救：SOS 按钮在收到前 { NUMBER($late_minutes, maximumFractionDigits: 0) } 分钟已被按下
