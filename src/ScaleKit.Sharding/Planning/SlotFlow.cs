using System.Runtime.InteropServices;

namespace ScaleKit.Sharding;

/// <summary>So many slots from one shard to another, both by number.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SlotFlow(int From, int To, int Slots);
