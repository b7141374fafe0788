using System.Runtime.InteropServices;

namespace ScaleKit.Caching;

/// <summary>What a local store may hold: both bounds at any time.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct LocalLimits(long Entries, long Bytes);
