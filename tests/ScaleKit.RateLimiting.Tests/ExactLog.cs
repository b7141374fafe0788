namespace ScaleKit.RateLimiting.Tests;

/// <summary>Every permit with its time, kept for ever: what the limiter approximates from above.</summary>
internal sealed class ExactLog
{
    private readonly List<(long Time, int Permits)> _taken = [];

    public void Add(long time, int permits) => _taken.Add((time, permits));

    /// <summary>Permits whose time is later than <paramref name="time"/>.</summary>
    public long TakenAfter(long time) => _taken.Where(t => t.Time > time).Sum(t => (long)t.Permits);

    /// <summary>The most permits in any half-open interval of that length. It is enough to look at those that begin with a permit.</summary>
    public long MaximumInAnyWindow(long length)
    {
        var sorted = _taken.OrderBy(t => t.Time).ToArray();
        long sum = 0, maximum = 0;
        for (int first = 0, next = 0; first < sorted.Length; first++)
        {
            for (; next < sorted.Length && sorted[next].Time - sorted[first].Time < length; next++)
            {
                sum += sorted[next].Permits;
            }

            maximum = Math.Max(maximum, sum);
            sum -= sorted[first].Permits;
        }

        return maximum;
    }
}
