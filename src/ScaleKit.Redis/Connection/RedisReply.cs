using StackExchange.Redis;

namespace ScaleKit.Redis;

/// <summary>The answer of a script. Asking for another shape than the script returned throws <see cref="InvalidCastException"/>.</summary>
internal readonly struct RedisReply
{
    private readonly RedisResult _result;

    internal RedisReply(RedisResult result) => _result = result;

    public bool IsNull => _result is null || _result.IsNull;

    public long ToInt64() => (long)_result;

    public string? ToText() => (string?)_result;

    public byte[]? ToBytes() => (byte[]?)_result;

    public RedisReply[] ToItems() => Array.ConvertAll((RedisResult[])_result!, item => new RedisReply(item));
}
