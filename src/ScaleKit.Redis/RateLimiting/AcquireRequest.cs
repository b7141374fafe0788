using System.Buffers.Binary;

namespace ScaleKit.Redis;

/// <summary>Writes what <c>Acquire.lua</c> is asked. Not thread-safe; used again and again.</summary>
internal sealed class AcquireRequest
{
    private const int KeyLength = 22;
    private const int RunLength = 9;
    private const int RunsOffset = 20;

    private byte[] _bytes = new byte[256];
    private int _length;
    private int _key;

    public void Clear() => _length = 0;

    public void Key(in WindowShape shape)
    {
        _key = _length;
        var to = Extend(KeyLength);
        BinaryPrimitives.WriteDoubleLittleEndian(to, shape.Window);
        BinaryPrimitives.WriteDoubleLittleEndian(to[8..], shape.Width);
        BinaryPrimitives.WriteInt32LittleEndian(to[16..], shape.Limit);
        BinaryPrimitives.WriteUInt16LittleEndian(to[RunsOffset..], 0);
    }

    /// <summary>One more run of the key last written.</summary>
    public void Run(AcquireKind kind, int permits, int callers)
    {
        var to = Extend(RunLength);
        to[0] = (byte)kind;
        BinaryPrimitives.WriteInt32LittleEndian(to[1..], permits);
        BinaryPrimitives.WriteInt32LittleEndian(to[5..], callers);
        var runs = _bytes.AsSpan(_key + RunsOffset);
        BinaryPrimitives.WriteUInt16LittleEndian(runs, (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(runs) + 1));
    }

    /// <summary>A copy: the client may still be sending it when this object is used again.</summary>
    public byte[] ToBytes() => _bytes.AsSpan(0, _length).ToArray();

    private Span<byte> Extend(int by)
    {
        if (_length + by > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + by));
        }

        _length += by;
        return _bytes.AsSpan(_length - by, by);
    }
}
