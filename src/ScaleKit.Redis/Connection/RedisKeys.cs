using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace ScaleKit.Redis;

/// <summary>The keys of one script call, written as a collection expression: <c>[count, waiters]</c>. All must lie in one hash slot.</summary>
[CollectionBuilder(typeof(RedisKeys), nameof(Create))]
internal readonly struct RedisKeys
{
    internal readonly RedisKey[] Values;

    private RedisKeys(RedisKey[] values) => Values = values;

    public static RedisKeys Create(ReadOnlySpan<RedisName> names)
    {
        var values = new RedisKey[names.Length];
        for (var i = 0; i < names.Length; i++)
        {
            values[i] = names[i].Key;
        }

        return new RedisKeys(values);
    }

    public IEnumerator<RedisName> GetEnumerator() => throw new NotSupportedException();
}
