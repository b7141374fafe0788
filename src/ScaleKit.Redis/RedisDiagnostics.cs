namespace ScaleKit.Redis;

/// <summary>The names of the meter and the instruments of this package. No tag ever holds a key, a channel or a user.</summary>
public static class RedisDiagnostics
{
    /// <summary>The meter.</summary>
    public const string MeterName = "ScaleKit.Redis";

    /// <summary>The activity source.</summary>
    public const string ActivitySourceName = "ScaleKit.Redis";

    /// <summary>
    /// Activity: one call to Redis for many rate limited calls, in the trace of the first of them, with links to those of the others; tag <see cref="BatchSizeTag"/>. An error
    /// where Redis did not answer in time. Other calls have none of their own: instrument the client for them.
    /// </summary>
    public const string RateLimitFlightActivity = "scalekit.redis.rate_limit.flight";

    /// <summary>Histogram, seconds: time of one call. Tags <see cref="OperationTag"/> and <see cref="OutcomeTag"/>.</summary>
    public const string CallDuration = "scalekit.redis.call.duration";

    /// <summary>Counter, {call}: calls without an answer in time. Tag <see cref="OperationTag"/>.</summary>
    public const string Timeouts = "scalekit.redis.timeouts";

    /// <summary>Gauge, {state}: the circuit breaker; 0 closed, 1 half-open, 2 open.</summary>
    public const string BreakerState = "scalekit.redis.breaker.state";

    /// <summary>Counter, {connection}: connections that came (back) after they were lost.</summary>
    public const string Reconnects = "scalekit.redis.reconnects";

    /// <summary>Counter, {script}: scripts that a server did not know and got again. Tag <see cref="OperationTag"/>.</summary>
    public const string ScriptReloads = "scalekit.redis.script.reloads";

    /// <summary>Counter, {gap}: times that a subscription may have missed messages (line lost, or the listener too slow).</summary>
    public const string SubscriptionGaps = "scalekit.redis.subscription.gaps";

    /// <summary>Counter, {request}: rate limited calls. Tag <see cref="SourceTag"/>.</summary>
    public const string RateLimitAnswers = "scalekit.redis.rate_limit.answers";

    /// <summary>Histogram, {request}: rate limited calls that one call to Redis carried.</summary>
    public const string RateLimitBatch = "scalekit.redis.rate_limit.batch";

    /// <summary>
    /// Tag: what answered: <c>redis</c>, a <c>refusal</c> that the node remembers, a <c>lease</c> of permits taken ahead, or the <c>fallback</c> while Redis is of no use.
    /// </summary>
    public const string SourceTag = "source";

    /// <summary>Tag: rate limited calls that one call carried.</summary>
    public const string BatchSizeTag = "db.operation.batch.size";

    /// <summary>Tag: <c>get</c>, <c>set</c>, <c>delete</c>, <c>publish</c>, <c>get_many</c>, <c>subscribe</c>, or the name of a script.</summary>
    public const string OperationTag = "operation";

    /// <summary>Tag: <c>ok</c> or the <see cref="RedisFailure"/> in lower case with underscores.</summary>
    public const string OutcomeTag = "outcome";
}
