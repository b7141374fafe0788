using System.Runtime.InteropServices;

namespace ScaleKit.RateLimiting;

/// <summary>One entry of a <see cref="WindowTable"/>; without a policy it is free.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct WindowEntry
{
    public int Hash;
    public int Next;
    public RateLimitPolicy? Policy;
    public string Key;
    public SlidingWindow Window;
}
