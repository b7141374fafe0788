using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace ScaleKit.Caching.Tests;

public sealed partial class CacheSerializersTests
{
    [Fact]
    public void Get_String_KeepsEveryStringExactly()
    {
        var serializer = new CacheSerializers().Get<string>();
        var characters = Gen.Elements('a', 'é', '\0', '\ud83d', '\ude00', '\udfff', '\ud800');
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1000), Prop.ForAll(characters.ArrayOf().ToArbitrary(), chars =>
            RoundTrip(serializer, new string(chars)) == new string(chars)));
    }

    [Fact]
    public void Get_BytesAndObjects_ComeBackEqual()
    {
        var serializers = new CacheSerializers();

        Assert.Equal([1, 2, 3], RoundTrip(serializers.Get<byte[]>(), [1, 2, 3]));
        var session = RoundTrip(serializers.Get<Session>(), new Session("ann", ["read"]));
        Assert.Equal(("ann", "read"), (session.User, session.Rights.Single()));
        Assert.Same(serializers.Get<Session>(), serializers.Get<Session>());
    }

    [Fact]
    public void Get_RegisteredSerializer_ComesFirstAndTheLastFactoryWins()
    {
        using var services = new ServiceCollection()
            .AddSingleton<IHybridCacheSerializer<string>>(new Fixed<string>("registered"))
            .AddSingleton<IHybridCacheSerializerFactory>(new Factory("first"))
            .AddSingleton<IHybridCacheSerializerFactory>(new Factory("last"))
            .BuildServiceProvider();
        var serializers = new CacheSerializers(services);

        Assert.Equal("registered", serializers.Get<string>().Deserialize(default));
        Assert.Equal("last", serializers.Get<Session>().Deserialize(default).User);
        Assert.Equal([7], RoundTrip(serializers.Get<byte[]>(), [7]));
    }

    [Fact]
    public void Get_JsonWithASourceGeneratedContext_NeedsNoReflection()
    {
        var serializers = new CacheSerializers(json: new JsonSerializerOptions { TypeInfoResolver = Context.Default });

        Assert.Equal("ann", RoundTrip(serializers.Get<Session>(), new Session("ann", [])).User);
        Assert.Throws<NotSupportedException>(() => serializers.Get<Version>());
    }

    [Fact]
    public void IsImmutable_Types_FollowTheRulesOfHybridCache()
    {
        Assert.True(ImmutableTypes<string>.IsImmutable);
        Assert.True(ImmutableTypes<int>.IsImmutable);
        Assert.True(ImmutableTypes<Guid?>.IsImmutable);
        Assert.True(ImmutableTypes<Badge>.IsImmutable);
        Assert.False(ImmutableTypes<byte[]>.IsImmutable);
        Assert.False(ImmutableTypes<Session>.IsImmutable);
        Assert.False(ImmutableTypes<(int, string)>.IsImmutable);
        Assert.False(ImmutableTypes<Open>.IsImmutable);
    }

    private static T RoundTrip<T>(IHybridCacheSerializer<T> serializer, T value)
    {
        var target = new ArrayBufferWriter<byte>();
        serializer.Serialize(value, target);
        return serializer.Deserialize(new ReadOnlySequence<byte>(target.WrittenMemory));
    }

    [System.ComponentModel.ImmutableObject(true)]
#pragma warning disable CA1852 // Open on purpose: an immutable class that is not sealed may have a mutable child.
    private class Open;
#pragma warning restore CA1852

    private sealed class Fixed<T>(T value) : IHybridCacheSerializer<T>
    {
        public T Deserialize(ReadOnlySequence<byte> source) => value;

        public void Serialize(T value, IBufferWriter<byte> target)
        {
        }
    }

    private sealed class Factory(string name) : IHybridCacheSerializerFactory
    {
        public bool TryCreateSerializer<T>([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out IHybridCacheSerializer<T>? serializer)
        {
            serializer = typeof(T) == typeof(Session) ? (IHybridCacheSerializer<T>)(object)new Fixed<Session>(new Session(name, [])) : null;
            return serializer is not null;
        }
    }

    [JsonSerializable(typeof(Session))]
    private sealed partial class Context : JsonSerializerContext;
}
