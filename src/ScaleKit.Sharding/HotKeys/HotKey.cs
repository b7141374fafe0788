using System.Runtime.InteropServices;

namespace ScaleKit.Sharding;

/// <summary>A key that many calls were for.</summary>
/// <param name="Key">
/// The key, cut off after 128 characters (integers and GUIDs as text), or its hash if keys are hashed. It comes from a user: escape it before it goes into a log line or a page.
/// </param>
/// <param name="Hash">Hash of the key; the router finds its shard by it.</param>
/// <param name="Share">Share of the samples, from 0 to 1: never below the true one.</param>
/// <param name="Error">How much <paramref name="Share"/> may be above the true one.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct HotKey(string Key, ulong Hash, double Share, double Error);
