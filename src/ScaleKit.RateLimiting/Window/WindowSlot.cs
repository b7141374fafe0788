using System.Runtime.InteropServices;

namespace ScaleKit.RateLimiting;

/// <summary>
/// Permits that leave the window together. Twelve bytes: a busy key of 16 buckets holds 17 of these and nothing else.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct WindowSlot(long end, int permits)
{
    /// <summary>No permit of this slot was taken later than this tick; all of them count until one window after it.</summary>
    public long End = end;

    public int Permits = permits;
}
