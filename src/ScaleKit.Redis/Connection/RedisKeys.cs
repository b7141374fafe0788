using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace ScaleKit.Redis;

/// <summary>The keys of one script call, written as a collection expression: <c>[count, waiters]</c>. All must lie in one hash slot.</summary>
[CollectionBuilder(typeof(RedisKeys), nameof(Create))]
internal readonly struct RedisKeys
{
    internal readonly RedisKey[] Values;

    private RedisKeys(RedisKey[] values) => Values = values;

    /// <summary>
    /// Puts in another one, so that the same memory serves many calls of one owner. Only after the call before has brought its answer: one that
    /// was cancelled or timed out may still be sent, and then it would go out with what stands here.
    /// </summary>
    public RedisName this[int index]
    {
        set => Values[index] = value.Key;
    }

    public static RedisKeys Create(ReadOnlySpan<RedisName> names)
    {
        var values = names.IsEmpty ? [] : new RedisKey[names.Length];
        for (var i = 0; i < names.Length; i++)
        {
            values[i] = names[i].Key;
        }

        return new RedisKeys(values);
    }

    public IEnumerator<RedisName> GetEnumerator() => throw new NotSupportedException();
}
