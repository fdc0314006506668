-- What readers see of several kinds of facts under one name: a row per group of one kind, told by `kind`. Dimensions that
-- a kind lacks are empty, measures of other kinds are 0.
{{create}} {{rollup}}_daily {{invoker}} AS
{{daily_parts}};

{{create}} {{rollup}}_hourly {{invoker}} AS
{{hourly_parts}};
