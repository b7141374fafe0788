namespace ScaleKit.Redis;

/// <summary>
/// A refusal that holds until permits come free, in timestamps of this node's monotonic clock. Immutable.
/// <para>
/// The script ran at some time between sending and receiving. Counted from the sending, its waiting time ends too early, never too late: until
/// <see cref="Until"/> a refusal is true. Counted from the receiving it ends too late, never too early: at <see cref="Free"/> the permits are there.
/// </para>
/// </summary>
/// <param name="Permits">What was asked for, at least 1. Fewer may be free.</param>
/// <param name="Until">Refuse without asking before this time.</param>
/// <param name="Free">What the caller is told.</param>
/// <param name="Reset">When all permits are free.</param>
/// <param name="Remaining">Permits that were free, fewer than were asked for.</param>
/// <param name="Epoch">The key's <see cref="WindowKey.Epoch"/> when the call was sent.</param>
internal sealed record Denial(int Permits, long Until, long Free, long Reset, int Remaining, int Epoch)
{
    // Clocks run differently fast, by some hundred millionths at most: the last thousandth of the time is Redis' to judge.
    private const int Reserve = 1024;

    public static Denial From(
        int permits, int epoch, long sent, long received, TimeSpan retryAfter, TimeSpan resetAfter, int remaining, TimeProvider time)
    {
        var wait = Scale(retryAfter, time);
        return new(Math.Max(1, permits), sent + wait - (wait / Reserve) - 1, received + wait, received + Scale(resetAfter, time), remaining, epoch);
    }

    private static long Scale(TimeSpan span, TimeProvider time) => (long)((Int128)span.Ticks * time.TimestampFrequency / TimeSpan.TicksPerSecond);
}
