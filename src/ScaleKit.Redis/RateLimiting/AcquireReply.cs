using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace ScaleKit.Redis;

/// <summary>Reads the answer of <c>Acquire.lua</c> from front to back. Throws <see cref="InvalidDataException"/> where it is too short.</summary>
[StructLayout(LayoutKind.Auto)]
internal ref struct AcquireReply(ReadOnlySpan<byte> bytes)
{
    /// <summary>In place of the permits used: what is stored is of another version. Nothing was taken then, and nothing is known.</summary>
    public const long Unknown = uint.MaxValue;

    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Once for each key: the permits used before, the time until all are free, and the bucket that took those of this call.</summary>
    public (long Used, TimeSpan ResetAfter, long Bucket) Key()
    {
        var (used, resetAfter) = Item();
        return (used, resetAfter, Six(Take(6)));
    }

    /// <summary>Once for each run: the callers served (or the permits moved), and how long the next one would have to wait.</summary>
    public (long Served, TimeSpan RetryAfter) Run() => Item();

    private (long Number, TimeSpan Time) Item()
    {
        var item = Take(10);
        return (BinaryPrimitives.ReadUInt32LittleEndian(item), TimeSpan.FromTicks(Six(item[4..]) * TimeSpan.TicksPerMicrosecond));
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (_rest.Length < length)
        {
            throw new InvalidDataException("The answer about permits is not one of this version's script.");
        }

        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }

    private static long Six(ReadOnlySpan<byte> bytes) =>
        BinaryPrimitives.ReadUInt32LittleEndian(bytes) + ((long)BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]) << 32);
}
