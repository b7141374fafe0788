using ScaleKit.RateLimiting;

namespace ScaleKit.Redis;

/// <summary>Joins calls into one run of the script. One queue serves a whole server; on a Redis Cluster each hash slot has its own. Thread-safe.</summary>
internal sealed class AcquireQueue(AcquireScript script, TimeProvider time) : FlightQueue<Acquisition, RateLimitDecision, WindowKey>
{
    // When the first one joined since a flight left; zero: nobody has. Those who come together fly together, within the time of the oldest: one of them reads the clock for all.
    private long _joined;

    public ValueTask<RateLimitDecision> AcquireAsync(WindowKey key, int permits, CancellationToken cancellationToken)
    {
        var acquisition = Acquisition.Rent();
        var task = acquisition.Begin(key, permits, cancellationToken);
        Join(acquisition);
        return task;
    }

    protected override AcquireFlight Create() => new(this, script, time);

    protected override void Leaving_NeedsLock() => _joined = 0;

    protected override void Join_NeedsLock(Queue<WindowKey> waiting, Acquisition caller)
    {
        caller.Since = _joined != 0 ? _joined : _joined = time.GetTimestamp();
        if (caller.Key.Append_NeedsLock(caller))
        {
            waiting.Enqueue(caller.Key);
        }
    }
}
