using StackExchange.Redis;

namespace ScaleKit.Redis;

/// <summary>One argument of a script. A text with a lone surrogate cannot travel as text: pass bytes where users choose the text.</summary>
internal readonly struct RedisArgument
{
    internal readonly RedisValue Value;

    private RedisArgument(RedisValue value) => Value = value;

    public static implicit operator RedisArgument(long value) => new(value);

    public static implicit operator RedisArgument(string value) => new(value);

    public static implicit operator RedisArgument(byte[] value) => new(value);
}
