/**
 * The CTE `thread`: the messages of all conversations in order, what comes in before what goes out at the same instant,
 * each with how many answers were there before it. Nothing that failed, and nothing sent by itself, is an answer.
 */
export const threadSql = `
sorted AS (
  SELECT m.*, m.direction = 'inbound' AS came_in, m.direction = 'inbound' AND m.kind <> 'reaction' AS asks,
    m.direction = 'outbound' AND m.sender_kind IN ('user', 'assistant') AND m.status IS DISTINCT FROM 'failed'
      AND m.status IS DISTINCT FROM 'undelivered' AS answers
  FROM conversation_messages m WHERE m.tenant_id = $1 AND NOT m.entered_in_error
), counted_answers AS (
  SELECT s.*, count(*) FILTER (WHERE answers) OVER (PARTITION BY conversation_id ORDER BY sent_at, NOT came_in, id
    ROWS UNBOUNDED PRECEDING) - answers::int AS answers_before
  FROM sorted s
), thread AS (
  -- Between two answers, what waits has waited since the first that came in and is no reaction.
  SELECT c.*, min(sent_at) FILTER (WHERE asks) OVER (PARTITION BY conversation_id, answers_before) AS waits_since
  FROM counted_answers c
)`;
