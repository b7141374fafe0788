using System.Diagnostics;
using System.Threading.Tasks.Sources;
using ScaleKit.RateLimiting;

namespace ScaleKit.Redis;

/// <summary>One caller that waits for permits.</summary>
internal sealed class Acquisition : FlightCaller<RateLimitDecision>, IValueTaskSource<RateLimitDecision>
{
    public WindowKey Key { get; private set; } = null!;

    public int Permits { get; private set; }

    /// <summary>What the caller is in the middle of, where somebody listens.</summary>
    public Activity? Activity { get; private set; }

    /// <summary>The next of the same key.</summary>
    public Acquisition? Next { get; set; }

    /// <summary>When it began to wait.</summary>
    public long Since { get; set; }

    /// <summary>One that nobody uses.</summary>
    public static Acquisition Rent() => FreeList<Acquisition>.Take() ?? new Acquisition();

    public ValueTask<RateLimitDecision> Begin(WindowKey key, int permits, CancellationToken cancellationToken)
    {
        (Key, Permits, Next, Activity) = (key, permits, null, AcquireActivity.OfCaller);
        return new(this, Begin(cancellationToken));
    }

    public RateLimitDecision GetResult(short token)
    {
        if (Take(token, out var decision))
        {
            (Key, Next, Activity) = (null!, null, null);
            FreeList<Acquisition>.Give(this);
        }

        return decision;
    }
}
