using System.Reflection;
using System.Xml.Linq;

namespace ScaleKit.Conventions.Tests;

public sealed class DependencyTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["ScaleKit.Migration"] = ["ScaleKit.Sharding"],
    };

    [Fact]
    public void Primitive_ProjectFile_NamesNoOtherSideOfTheHouse() => Offences.None(
        from name in Package.Primitives
        from item in XDocument.Load(Repository.Absolute($"src/{name}/{name}.csproj")).Descendants()
        where item.Name.LocalName is "ProjectReference" or "PackageReference" or "FrameworkReference"
        let target = Path.GetFileNameWithoutExtension(item.Attribute("Include")!.Value.Replace('\\', '/') + (item.Name.LocalName is "ProjectReference" ? "" : ".x"))
        where IsForbidden(name, target)
        select $"{name} -> {target}",
        "Primitives know nothing of Redis, of ASP.NET Core or of each other:");

    [Fact]
    public void Primitive_Assembly_ReferencesNoOtherSideOfTheHouse() => Offences.None(
        from package in Package.All
        where Package.Primitives.Contains(package.Name)
        from target in package.Assembly.GetReferencedAssemblies()
        where IsForbidden(package.Name, target.Name!)
        select $"{package} -> {target.Name}",
        "Primitives know nothing of Redis, of ASP.NET Core or of each other:");

    [Fact]
    public void RedisClient_IsReferencedBy_TheRedisPackageAlone() => Offences.None(
        from path in Repository.Files("src", "*.csproj")
        where File.ReadAllText(path).Contains("StackExchange.Redis", StringComparison.Ordinal)
        where Path.GetFileName(path) is not "ScaleKit.Redis.csproj"
        select Repository.Relative(path),
        "The only assembly that speaks to Redis is ScaleKit.Redis:");

    [Fact]
    public void PublicSignature_ClientType_StandsInFromMultiplexerMethodsAlone() => Offences.None(
        from package in Package.All
        from type in package.PublicTypes
        from offence in ClientTypesOf(type)
        select offence,
        "An application on another version of the client could not compile a call of these:");

    private static bool IsForbidden(string name, string target) =>
        target.Contains("Redis", StringComparison.OrdinalIgnoreCase)
        || target.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal)
        || (target.StartsWith("ScaleKit.", StringComparison.Ordinal) && !Allowed.GetValueOrDefault(name, []).Contains(target));

    private static IEnumerable<string> ClientTypesOf(Type type)
    {
        if (Mentions(type.BaseType) || type.GetInterfaces().Any(Mentions))
        {
            yield return type.FullName!;
        }

        const BindingFlags Declared =
            BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        foreach (var member in type.GetMembers(Declared).Where(IsVisible))
        {
            if (TypesOf(member).Any(Mentions) && !(member is MethodInfo method && method.Name.EndsWith("FromMultiplexer", StringComparison.Ordinal)))
            {
                yield return $"{type.FullName}.{member.Name}";
            }
        }
    }

    private static bool IsVisible(MemberInfo member) => member switch
    {
        MethodBase method => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly,
        FieldInfo field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly,
        PropertyInfo property => property.GetAccessors(nonPublic: true).Any(IsVisible),
        EventInfo happening => happening.AddMethod is { } add && IsVisible(add),
        _ => false,
    };

    private static IEnumerable<Type?> TypesOf(MemberInfo member) => member switch
    {
        MethodInfo method => [method.ReturnType, .. method.GetParameters().Select(p => p.ParameterType), .. method.GetGenericArguments()],
        ConstructorInfo constructor => [.. constructor.GetParameters().Select(p => p.ParameterType)],
        FieldInfo field => [field.FieldType],
        PropertyInfo property => [property.PropertyType, .. property.GetIndexParameters().Select(p => p.ParameterType)],
        EventInfo happening => [happening.EventHandlerType],
        _ => [],
    };

    private static bool Mentions(Type? type) =>
        type is not null
        && (type.HasElementType
            ? Mentions(type.GetElementType())
            : type.IsGenericParameter
                ? type.GetGenericParameterConstraints().Any(constraint => !constraint.IsGenericType && Mentions(constraint))
                : string.Equals(type.Assembly.GetName().Name, "StackExchange.Redis", StringComparison.Ordinal)
                    || type.GenericTypeArguments.Any(Mentions));
}
