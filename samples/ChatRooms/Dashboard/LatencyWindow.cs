namespace ChatRooms;

/// <summary>Percentiles of the last ten seconds: counts in buckets that grow by an eighth power of two (at most 9 % apart).</summary>
internal sealed class LatencyWindow(TimeProvider time)
{
    private const int Seconds = 10;
    private const int PerOctave = 8;
    private const double Smallest = 1e-6;

    // From 1 µs over 30 octaves to 18 minutes.
    private const int Buckets = 30 * PerOctave;

    private readonly Lock _lock = new();
    private readonly int[][] _counts = [.. Enumerable.Range(0, Seconds).Select(_ => new int[Buckets])];
    private readonly long _start = time.GetTimestamp();
    private long _second;

    public void Record(double seconds)
    {
        var bucket = Math.Clamp((int)(Math.Log2(Math.Max(seconds, Smallest) / Smallest) * PerOctave), 0, Buckets - 1);
        lock (_lock)
        {
            Turn();
            _counts[_second % Seconds][bucket]++;
        }
    }

    /// <summary>Milliseconds at the percentiles 50, 95 and 99, and how many were measured.</summary>
    public (double P50, double P95, double P99, long Count) Read()
    {
        Span<long> sums = stackalloc long[Buckets];
        sums.Clear();
        long count = 0;
        lock (_lock)
        {
            Turn();
            foreach (var second in _counts)
            {
                for (var bucket = 0; bucket < Buckets; bucket++)
                {
                    sums[bucket] += second[bucket];
                    count += second[bucket];
                }
            }
        }
        return (At(sums, count, 0.50), At(sums, count, 0.95), At(sums, count, 0.99), count);
    }

    private static double At(ReadOnlySpan<long> sums, long count, double part)
    {
        var wanted = (long)Math.Ceiling(count * part);
        var bucket = 0;
        for (long seen = 0; bucket < sums.Length - 1 && (seen += sums[bucket]) < wanted; bucket++)
        {
        }
        return count == 0 ? 0 : 1000 * Smallest * Math.Pow(2, (bucket + 0.5) / PerOctave);
    }

    private void Turn()
    {
        var now = (long)time.GetElapsedTime(_start).TotalSeconds;
        for (var steps = Math.Min(now - _second, Seconds); steps > 0; steps--)
            Array.Clear(_counts[(now - steps + 1) % Seconds]);
        _second = Math.Max(_second, now);
    }
}
