using ScaleKit.RateLimiting;

namespace ScaleKit.Redis;

/// <summary>Joins calls into one run of the script. One queue serves a whole server; on a Redis Cluster each hash slot has its own. Thread-safe.</summary>
internal sealed class AcquireQueue(AcquireScript script, TimeProvider time) : FlightQueue<Acquisition, RateLimitDecision, WindowKey>
{
    public ValueTask<RateLimitDecision> AcquireAsync(WindowKey key, int permits, CancellationToken cancellationToken)
    {
        var acquisition = Acquisition.Rent();
        var task = acquisition.Begin(key, permits, time.GetTimestamp(), cancellationToken);
        Join(acquisition);
        return task;
    }

    protected override AcquireFlight Create() => new(this, script, time);

    protected override void Join_NeedsLock(Queue<WindowKey> waiting, Acquisition caller)
    {
        if (caller.Key.Append_NeedsLock(caller))
        {
            waiting.Enqueue(caller.Key);
        }
    }
}
