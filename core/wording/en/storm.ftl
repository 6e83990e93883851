# Many devices with one cause: one message for all of them.
message-storm-title = { $kind }: { NUMBER($count, useGrouping: 0) } homes, { $area }
message-storm-body = { $kind }: { NUMBER($count, useGrouping: 0) } homes in { $area }, since { $time }; probably one cause. { $link }
message-storm-short-body = { $kind }: { NUMBER($count, useGrouping: 0) } homes in { $area }, since { $time }. { $link }
message-storm-over-title = Over: { $kind }, { $area }
message-storm-over-body = Over: { $kind } in { $area }, since { $time }. { $count ->
    [0] All are well again.
    [one] 1 home is left.
   *[other] { NUMBER($count, useGrouping: 0) } homes are left.
} { $link }
