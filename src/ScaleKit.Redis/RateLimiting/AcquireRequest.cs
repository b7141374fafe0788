using System.Buffers.Binary;

namespace ScaleKit.Redis;

/// <summary>Writes what <c>Acquire.lua</c> is asked. Not thread-safe; used again and again.</summary>
internal sealed class AcquireRequest
{
    private const int GroupLength = 22;
    private const int KeysOffset = 20;
    private const int KeyLength = 2;
    private const int RunLength = 9;

    private byte[] _bytes = new byte[256];
    private int _length;
    private int _group;
    private int _key;
    private WindowShape _shape;

    public void Clear() => _length = 0;

    /// <summary>Neighbours of the same shape are told it once.</summary>
    public void Key(in WindowShape shape)
    {
        if (_length == 0 || shape != _shape)
        {
            _shape = shape;
            _group = _length;
            var group = Extend(GroupLength);
            BinaryPrimitives.WriteDoubleLittleEndian(group, shape.Window);
            BinaryPrimitives.WriteDoubleLittleEndian(group[8..], shape.Width);
            BinaryPrimitives.WriteInt32LittleEndian(group[16..], shape.Limit);
            BinaryPrimitives.WriteUInt16LittleEndian(group[KeysOffset..], 0);
        }

        _key = _length;
        BinaryPrimitives.WriteUInt16LittleEndian(Extend(KeyLength), 0);
        CountOne(_group + KeysOffset);
    }

    /// <summary>One more run of the key last written.</summary>
    public void Run(AcquireKind kind, int permits, int callers)
    {
        var to = Extend(RunLength);
        to[0] = (byte)kind;
        BinaryPrimitives.WriteInt32LittleEndian(to[1..], permits);
        BinaryPrimitives.WriteInt32LittleEndian(to[5..], callers);
        CountOne(_key);
    }

    /// <summary>A copy: the client may still be sending it when this object is used again.</summary>
    public byte[] ToBytes() => _bytes.AsSpan(0, _length).ToArray();

    private void CountOne(int offset)
    {
        var count = _bytes.AsSpan(offset);
        BinaryPrimitives.WriteUInt16LittleEndian(count, (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(count) + 1));
    }

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
