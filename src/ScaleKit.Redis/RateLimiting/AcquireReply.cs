using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace ScaleKit.Redis;

/// <summary>Reads the answer of <c>Acquire.lua</c> from front to back.</summary>
[StructLayout(LayoutKind.Auto)]
internal ref struct AcquireReply(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Once for each key: the permits used before, and the time until all are free.</summary>
    public (long Used, TimeSpan ResetAfter) Key() => Item();

    /// <summary>Once for each run: the callers served (or the permits moved), and how long the next one would have to wait.</summary>
    public (long Served, TimeSpan RetryAfter) Run() => Item();

    private (long Number, TimeSpan Time) Item()
    {
        var number = BinaryPrimitives.ReadUInt32LittleEndian(_rest);
        var time = BinaryPrimitives.ReadUInt32LittleEndian(_rest[4..]) + ((long)BinaryPrimitives.ReadUInt16LittleEndian(_rest[8..]) << 32);
        _rest = _rest[10..];
        return (number, TimeSpan.FromTicks(time * TimeSpan.TicksPerMicrosecond));
    }
}
