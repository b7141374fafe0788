using System.Runtime.InteropServices;

namespace ScaleKit.Caching;

/// <summary>How many entries one operation of a store pushed out, and why. Counted under the store's lock, reported after it: a listener is foreign code.</summary>
[StructLayout(LayoutKind.Auto)]
internal record struct Evicted(int ByEntries, int ByBytes, int Expired, int Oversized);
