namespace ScaleKit.AspNetCore;

/// <summary>The requests of a window that ends now, in ten slices of which the oldest goes when a new one begins. Guarded by its owner's lock.</summary>
internal sealed class SlidingTally(TimeSpan window, TimeProvider time)
{
    private const int Slices = 10;
    private readonly RequestTally[] _slices = new RequestTally[Slices];
    private readonly long _start = time.GetTimestamp();
    private long _slice;

    public ref RequestTally Now => ref _slices[_slice % Slices];

    /// <returns>Whether a new slice has begun.</returns>
    public bool Turn()
    {
        // A clock that stands between two threads may be read in the other order than the lock is taken: time does not go back here.
        var slice = time.GetElapsedTime(_start).Ticks / (window.Ticks / Slices);
        if (slice <= _slice)
        {
            return false;
        }

        for (var fresh = Math.Max(_slice + 1, slice - Slices + 1); fresh <= slice; fresh++)
        {
            _slices[fresh % Slices] = default;
        }

        _slice = slice;
        return true;
    }

    public RequestTally Sum()
    {
        var sum = default(RequestTally);
        foreach (ref readonly var slice in _slices.AsSpan())
        {
            sum.Add(slice);
        }

        return sum;
    }

    public void Clear() => Array.Clear(_slices);
}
