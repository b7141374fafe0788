namespace ScaleKit.Analysis.RateLimiting;

/// <summary>When calls come, as ticks from 0 on.</summary>
internal static class Arrivals
{
    /// <summary>Windows of silence, flood, flood and silence again in each turn of the attack on window edges.</summary>
    private const int Turn = 4;

    /// <summary>
    /// An attack on edges: silence, all at once in the last moment of a window, and then ten times the limit evenly over two windows. A counter that starts
    /// anew, a share of the last window that fades, a bucket that refills: each gives the limit twice within one window.
    /// </summary>
    public static IEnumerable<long> AtEdges(int limit, long window, int windows)
    {
        for (var turn = 0; turn < Math.Max(1, windows / Turn); turn++)
        {
            var edge = ((turn * Turn) + 1) * window;
            for (var i = 0; i < limit * 2; i++)
            {
                yield return edge - 1;
            }

            for (var i = 0; i < limit * 20; i++)
            {
                yield return edge + (i * (2 * window) / (limit * 20));
            }
        }
    }

    /// <summary>Independent calls, twice as many as the limit allows.</summary>
    public static IEnumerable<long> Poisson(int limit, long window, int windows, int seed)
    {
        var random = new Random(seed);
        var gap = window / (2.0 * limit);
        for (var at = Pause(random, gap); at < windows * (double)window; at += Pause(random, gap))
        {
            yield return (long)at;
        }
    }

    /// <summary>Bursts of half to three times the limit within a hundredth of a window, one a window and a half on average.</summary>
    public static IEnumerable<long> InBursts(int limit, long window, int windows, int seed)
    {
        var random = new Random(seed);
        for (var at = Pause(random, window); at < windows * (double)window; at += (window / 100.0) + Pause(random, 1.5 * window))
        {
            var calls = random.Next(limit / 2, limit * 3);
            for (var i = 0; i < calls; i++)
            {
                yield return (long)(at + (window / 100.0 * i / calls));
            }
        }
    }

    private static double Pause(Random random, double mean) => -Math.Log(1 - random.NextDouble()) * mean;
}
