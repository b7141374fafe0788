using System.Runtime.InteropServices;

namespace ScaleKit.Caching;

/// <summary>What running a factory came to.</summary>
/// <param name="Value">The value, where <paramref name="Stale"/> is null.</param>
/// <param name="Plan">How to store it; null: not at all.</param>
/// <param name="Stale">The factory failed and this expired value is served in its place.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Made<T>(T Value, EntryPlan? Plan, Filled<T>? Stale);
