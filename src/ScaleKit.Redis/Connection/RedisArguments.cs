using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace ScaleKit.Redis;

/// <summary>The arguments of one script call, written as a collection expression of numbers, bytes and texts: <c>[limit, window, id]</c>.</summary>
[CollectionBuilder(typeof(RedisArguments), nameof(Create))]
internal readonly struct RedisArguments
{
    internal readonly RedisValue[] Values;

    private RedisArguments(RedisValue[] values) => Values = values;

    /// <summary>
    /// Puts in another one, so that the same memory serves many calls of one owner. Only after the call before has brought its answer: one that
    /// was cancelled or timed out may still be sent, and then it would go out with what stands here.
    /// </summary>
    public RedisArgument this[int index]
    {
        set => Values[index] = value.Value;
    }

    public static RedisArguments Create(ReadOnlySpan<RedisArgument> arguments)
    {
        var values = arguments.IsEmpty ? [] : new RedisValue[arguments.Length];
        for (var i = 0; i < arguments.Length; i++)
        {
            values[i] = arguments[i].Value;
        }

        return new RedisArguments(values);
    }

    public IEnumerator<RedisArgument> GetEnumerator() => throw new NotSupportedException();
}
