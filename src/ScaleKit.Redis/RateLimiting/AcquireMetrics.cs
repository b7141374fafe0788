using System.Diagnostics.Metrics;

namespace ScaleKit.Redis;

/// <summary>The instruments of one <see cref="RedisRateLimitStore"/>. Each costs one read while nobody listens. Thread-safe.</summary>
internal sealed class AcquireMetrics : IDisposable
{
    private static readonly KeyValuePair<string, object?> Redis = new(RedisDiagnostics.SourceTag, "redis");
    private static readonly KeyValuePair<string, object?> Refusal = new(RedisDiagnostics.SourceTag, "refusal");
    private static readonly KeyValuePair<string, object?> Lease = new(RedisDiagnostics.SourceTag, "lease");
    private static readonly KeyValuePair<string, object?> Fallback = new(RedisDiagnostics.SourceTag, "fallback");

    private readonly Meter _meter;
    private readonly Counter<long> _answers;
    private readonly Histogram<int> _batch;

    public AcquireMetrics(IMeterFactory? factory)
    {
        _meter = factory?.Create(RedisDiagnostics.MeterName) ?? new Meter(RedisDiagnostics.MeterName);
        _answers = _meter.CreateCounter<long>(RedisDiagnostics.RateLimitAnswers, "{request}", "Rate limited calls by what answered them.");
        _batch = _meter.CreateHistogram<int>(RedisDiagnostics.RateLimitBatch, "{request}", "Rate limited calls that one call to Redis carried.");
    }

    /// <summary>This node told it by itself.</summary>
    public void AnsweredHere(bool isAcquired) => _answers.Add(1, isAcquired ? Lease : Refusal);

    public void AnsweredByRedis(int callers)
    {
        _answers.Add(callers, Redis);
        _batch.Record(callers);
    }

    public void FellBack(int callers) => _answers.Add(callers, Fallback);

    // A factory disposes its meters itself, and ignores this.
    public void Dispose() => _meter.Dispose();
}
