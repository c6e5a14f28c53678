-- A log's weeks from its days, once these have been made anew: {{rows}} are the days of one week.
INSERT INTO {{table placement_weekly}} (log_id, week, placement_id, basis, slots_max, users, sessions, session_merchants)
SELECT log_id, toMonday(day) AS week, placement_id, basis,
  max(slots_max) AS slots_max,
  uniqCombined64MergeState(14)(users) AS users,
  uniqCombined64MergeState(13)(sessions) AS sessions,
  uniqCombined64MergeState(13)(session_merchants) AS session_merchants
FROM {{table placement_daily}}
WHERE {{rows}}
GROUP BY log_id, week, placement_id, basis;
