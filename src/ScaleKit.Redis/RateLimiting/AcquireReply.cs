using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace ScaleKit.Redis;

/// <summary>Reads the answer of <c>Acquire.lua</c> from front to back.</summary>
[StructLayout(LayoutKind.Auto)]
internal ref struct AcquireReply(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Once for each key: the permits used before, the time until all are free, and the bucket that took those of this call.</summary>
    public (long Used, TimeSpan ResetAfter, long Bucket) Key()
    {
        var (used, resetAfter) = Item();
        var bucket = Six(_rest);
        _rest = _rest[6..];
        return (used, resetAfter, bucket);
    }

    /// <summary>Once for each run: the callers served (or the permits moved), and how long the next one would have to wait.</summary>
    public (long Served, TimeSpan RetryAfter) Run() => Item();

    private (long Number, TimeSpan Time) Item()
    {
        var number = BinaryPrimitives.ReadUInt32LittleEndian(_rest);
        var time = Six(_rest[4..]);
        _rest = _rest[10..];
        return (number, TimeSpan.FromTicks(time * TimeSpan.TicksPerMicrosecond));
    }

    private static long Six(ReadOnlySpan<byte> bytes) =>
        BinaryPrimitives.ReadUInt32LittleEndian(bytes) + ((long)BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]) << 32);
}
