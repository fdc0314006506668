-- What readers see of one kind of fact: views that stand at one epoch, replaced when a rebuild ends.

-- Signed rows: count with sum(sign), sum with sum(sign * measure). Here and below without the pipeline's own probe, whose
-- calls are nobody's.
{{create}} {{fact}} {{invoker}} AS
SELECT {{fact_names}}
FROM {{fact}}_e{{epoch}}
WHERE tenant_id != '{{canary}}';

-- Final numbers. calls = 0 means that every statement of a group was taken back, and then all its sums are 0; only
-- calls is tested, so that a query reads no column that it doesn't name.
{{create}} {{rollup}}_daily {{invoker}} AS
SELECT
    {{daily_key}},
    {{plain_sums}}
FROM {{rollup}}_daily_e{{epoch}} AS t
WHERE t.tenant_id != '{{canary}}'
GROUP BY {{daily_key}}
HAVING {{count}} != 0;

{{create}} {{rollup}}_hourly {{invoker}} AS
SELECT
    {{hourly_key}},
    {{plain_sums}}
FROM {{rollup}}_hourly_e{{epoch}} AS t
WHERE t.tenant_id != '{{canary}}'
GROUP BY {{hourly_key}}
HAVING {{count}} != 0;

-- The API's way in: without a tenant there is no query. DEFINER, so that its user needs no right on the tables.
{{create}} api_{{kind}}_facts {{definer}} AS
SELECT {{fact_names}}
FROM {{fact}}_e{{epoch}}
WHERE tenant_id = {tenant:UUID};

{{create}} api_{{kind}}_daily {{definer}} AS
SELECT
    {{daily_key}},
    {{plain_sums}}
FROM {{rollup}}_daily_e{{epoch}} AS t
WHERE tenant_id = {tenant:UUID}
GROUP BY {{daily_key}}
HAVING {{count}} != 0;

{{create}} api_{{kind}}_hourly {{definer}} AS
SELECT
    {{hourly_key}},
    {{plain_sums}}
FROM {{rollup}}_hourly_e{{epoch}} AS t
WHERE tenant_id = {tenant:UUID}
GROUP BY {{hourly_key}}
HAVING {{count}} != 0;
