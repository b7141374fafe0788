using StackExchange.Redis;

namespace ScaleKit.Redis;

/// <summary>
/// The full name of a key or a channel, prefix included. Only <see cref="RedisNames"/> makes one, so no store can forget the prefix.
/// </summary>
internal readonly struct RedisName
{
    private readonly byte[] _bytes;

    internal RedisName(byte[] bytes) => _bytes = bytes;

    internal RedisKey Key => _bytes;

    internal RedisChannel Channel => new(_bytes, RedisChannel.PatternMode.Literal);

    public byte[] ToBytes() => _bytes;
}
