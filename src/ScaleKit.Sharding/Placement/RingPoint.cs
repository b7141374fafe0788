using System.Runtime.InteropServices;

namespace ScaleKit.Sharding;

/// <summary>A point of a ring and the number of its shard. On equal points the lower number comes first, and so owns.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RingPoint(ulong Value, ushort Owner) : IComparable<RingPoint>
{
    public int CompareTo(RingPoint other)
    {
        var byValue = Value.CompareTo(other.Value);
        return byValue != 0 ? byValue : Owner.CompareTo(other.Owner);
    }
}
